"""Models of throughput: requests and images a second under AWS's limits, and a simulated burst."""
