"""One module per stage; each builds that stage's asset for one source, entity or customer."""
