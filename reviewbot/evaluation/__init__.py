"""How good a panel is: run on labelled cases, compared with the labels, counted with intervals."""
