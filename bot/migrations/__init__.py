"""How the bot's database came to be as it is: one file in versions/ for each change of its tables, in order.

revisions       which there are, which a database has, and whether it can be used
running         those that it lacks are run, by Alembic
env versions    Alembic loads them by their place; what they say of tables stays when the bot's tables change
"""
