"""The exception workbook: findings and field map on sheets that reviewers answer, sealed so that only answers come back."""
