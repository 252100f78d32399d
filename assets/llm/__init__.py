"""One client for every OpenAI-compatible endpoint: journal, retries, reply normaliser.

    endpoint = read_endpoint(home, "deepseek")
    with Journal(home.root / "journal" / book) as journal:
        complete_all(endpoint, requests, journal, take)      # take(request, Reply | CallFailure) for each

Rate control that adapts to an endpoint's capacity, money budgets and the batch API are not part of it yet: concurrency
is fixed by the endpoint's settings.
"""
