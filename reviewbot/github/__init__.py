"""GitHub: what happened there, the pull request as a change, and what is said back; the only place that imports PyGithub."""
