"""ONNX files, whoever exported them."""
