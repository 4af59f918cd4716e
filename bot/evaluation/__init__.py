"""How well citegram answers an owner's own questions: `citegram eval`.

Each line imports only from the lines above it:

    questions, matching              what is asked and expected; what counts as the same words
    verdicts                         one question: what came of it
    calibration                      many: how far the confidence can be trusted
    scoring                          many: the figures
    runs                             all of one evening: figures, groups, the worst twenty
    asking                           the only one that asks
    files
    records, floors                  a run as JSON, written and read; what a run must reach
    comparison                       two runs
    summary                          for a terminal
    markup, style
    charts
    report                           for a browser
    templates
    drafting                         questions drafted from the documents

All but questions, files, asking and what reads through files are functions from value to value.
"""
