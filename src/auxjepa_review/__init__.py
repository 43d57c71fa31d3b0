"""From a question to graded evidence: search, documents, claims, verification, review. Imports no torch."""
