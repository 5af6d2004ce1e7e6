"""What-if: a change tried out in a shadow of the customer, and what it moves there.

Nothing of the customer's folder or storage is written; the shadow lies in its scratch folder and is removed.
"""
