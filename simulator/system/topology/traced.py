"""Token counts measured in production, under a name.

Measured by `benchmarks/azure_traces.py` on the Azure LLM inference traces of 2023-11-16
(AzurePublicDataset, CC-BY 4.0; Patel et al., Splitwise, ISCA 2024): 19,366 conversation requests
and 8,819 code requests in about an hour each. Prompt and output lengths are nearly uncorrelated
(0.09 and -0.00 between logarithms), so they are drawn apart.
"""

QUANTILES: dict[str, tuple[tuple[float, float], ...]] = {
    "azure_conversation_prompt": (
        (0.0, 2), (0.01, 29), (0.05, 181), (0.1, 207), (0.25, 396), (0.5, 1020), (0.75, 1189),
        (0.9, 2734), (0.95, 4083), (0.99, 4142), (0.999, 6179), (1.0, 14050),
    ),
    "azure_conversation_output": (
        (0.0, 7), (0.01, 16), (0.05, 41), (0.1, 54), (0.25, 85), (0.5, 129), (0.75, 395),
        (0.9, 424), (0.95, 451), (0.99, 601), (0.999, 954), (1.0, 1000),
    ),
    "azure_code_prompt": (
        (0.0, 3), (0.01, 17), (0.05, 75), (0.1, 147), (0.25, 578), (0.5, 1469), (0.75, 2744),
        (0.9, 5188), (0.95, 7303), (0.99, 7436), (1.0, 7437),
    ),
    "azure_code_output": (
        (0.0, 6), (0.05, 6), (0.1, 7), (0.25, 9), (0.5, 13), (0.75, 24), (0.9, 55), (0.95, 90),
        (0.99, 251), (0.999, 825), (1.0, 1899),
    ),
}  # fmt: skip
"""(probability, tokens), to draw from with straight lines in the logarithm between."""
