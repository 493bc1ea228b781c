"""PyTorch: live modules, and files of torch.export."""
