"""What the demo, the integration tests and the benchmarks share: a real Kafka cluster of their
own, a program that acts on it, and the daemon under observation. Standard library only."""
