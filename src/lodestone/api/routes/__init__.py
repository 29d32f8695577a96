"""The routes: one router for each verb, and those of jobs, runs and what users save."""
