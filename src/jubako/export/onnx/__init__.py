"""A model as an ONNX graph of standard operators: raw columns in, predictions out."""
