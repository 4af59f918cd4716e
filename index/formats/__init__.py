"""What a file says: its text, where in it pages, slides, sheets and headings begin, its title and date.

Each line imports only from the lines above it:

    extract                  the values, and the error in words for the file's owner
    encodings                bytes to text
    archive                  files that are zip archives, and how much they may hold
    markup                   HTML as blocks of text
    running                  pages as one text
    front_matter
    markdown, plain, restructured, tables, records, pdf
    office, sheets, web, books, mail
    pipes, confinement       values from process to process, and the limits of such a process
    kinds                    which reader for which file name
    worker, pictures         processes of their own for what may crash or hang
"""
