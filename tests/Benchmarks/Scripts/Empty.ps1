# What it costs to start PowerShell.
exit
