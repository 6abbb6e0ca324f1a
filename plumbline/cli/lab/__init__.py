"""The commands of the lab: demo, gas, job, simulate, bench. Ape compiles the contracts for them."""
