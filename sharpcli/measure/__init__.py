"""What this machine is and what code takes of it: time, memory, how far an output pixel looks.

May import `files`; knows neither images nor enhancers.
"""
