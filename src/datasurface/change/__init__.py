"""Change: what differs between two models, what that means, whom it touches and who may do it."""
