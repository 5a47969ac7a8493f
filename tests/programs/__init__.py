"""Real servers that tests start on loopback, each ended with the test."""
