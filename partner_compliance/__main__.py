"""`python -m partner_compliance` is the same as `partner-compliance`."""

from partner_compliance.commands import main

main()
