"""How well citegram answers an owner's own questions: `citegram eval`.

Each line imports only from the lines above it:

    questions, kinds, matching       what is asked and expected; what counts as the same words
    verdicts                         one question: what came of it
    calibration                      many: how far the confidence can be trusted
    scoring                          many: the figures
    runs                             all of one evening: figures, groups, the worst twenty
    asking                           the only one that asks
    records · floors                 a run as JSON, written and read · what it must reach
    comparison                       two runs
    summary · charts, report         for a terminal · for a browser
    templates, drafting              questions drafted from the documents

All but asking, records, floors and questions, which read files, are functions from value to value.
"""
