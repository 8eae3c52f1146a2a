"""Our model server against others: the same model, the same rows, side by side in one run."""
