# Where this PowerShell is.
$PSHOME
