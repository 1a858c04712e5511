"""What a responder can say and do: actions, process acts, looks, runbooks and who performs them.

Nothing here can reach the plant or a cause: acts are data, carried out by `drill` through `world`.
"""
