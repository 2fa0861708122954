"""Mutation testing: small faults are put into what must not fail, and the tests have to notice.

The tools that there are leave out what matters most here: mutmut 3 changes only what stands in
functions, and neither it nor cosmic-ray changes a row of a table, a name in it, a regular
expression or SQL. So the faults are made here (`faults`, `wording`), and tried in `trial`.
"""
