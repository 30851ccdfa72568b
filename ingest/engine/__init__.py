"""The matching engine: which registered works does this text contain, and where exactly."""

ENGINE_VERSION = "2.0.0"
