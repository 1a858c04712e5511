"""A YAML file in, a typed scenario out, with every mistake located.

`reader.load` reads a scenario, `library.find` and `library.names` say which there are, `yaml.read`
reads any file of ours (runbooks, rules, manifests, policies) with the place of every value.
Nothing here imports numpy, numba, simpy or networkx.
"""
