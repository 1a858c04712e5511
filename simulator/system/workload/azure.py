"""What `azure_conversation` and `azure_code` imitate, as numbers.

Measured by `benchmarks/azure_traces.py` on the Azure LLM inference traces of 2023-11-16
(AzurePublicDataset, CC-BY 4.0; Patel et al., Splitwise, ISCA 2024), of about an hour each.

Conversation: 5.53 requests/s, gaps with a coefficient of variation of 1.09. Within minutes
arrivals are close to Poisson; what is more variable comes from a rate that drifts, with a
correlation of 0.85 from one minute to the next and 0.64 over five.

Code: 2.57 requests/s, gaps with a coefficient of variation of 13.2: 140 gaps of more than a second,
18.8 s on average (coefficient of variation 1.92), and 8,678 within bursts, 92 ms on average (1.41).
"""

CONVERSATION_GAP_CV = 1.058
"""Of gaps at a constant rate; with the drift below the whole has 1.09."""

CONVERSATION_LEVELS = (
    (0.0, 0.6844), (0.1, 0.7581), (0.25, 0.8634), (0.5, 0.9617), (0.75, 1.1366), (0.9, 1.2987),
    (1.0, 1.3923),
)  # fmt: skip
"""(probability, rate over mean rate) of all five-minute spans, drawn with a mean of 1."""

LEVEL_LASTS_S = 300

CODE_IDLE_SHARE = 140 / 8818
CODE_IDLE_GAP_S, CODE_IDLE_CV = 18.83, 1.92
CODE_BURST_GAP_S, CODE_BURST_CV = 0.0921, 1.408
