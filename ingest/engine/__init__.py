"""The matching engine: which registered works does this text contain, and where exactly."""

ENGINE_VERSION = "1.0.0"
