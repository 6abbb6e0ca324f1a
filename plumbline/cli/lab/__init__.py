"""The commands of the lab: demo, gas, job, simulate. Ape compiles the contracts for them."""
