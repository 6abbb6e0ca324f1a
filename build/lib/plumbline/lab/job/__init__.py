"""A job of many rounds on a real chain, and what it takes.

plan    how large it is, who sits where, and what they answer
meter   what was sent, by step: transactions, gas, bytes, seconds
work    the job itself: open, stake, sign, relay, keep, audit
"""

from plumbline.lab.job.meter import Step
from plumbline.lab.job.plan import JobError, Plan
from plumbline.lab.job.work import Crew, Job, Result

__all__ = ["Crew", "Job", "JobError", "Plan", "Result", "Step"]
