"""Invitations (招待): one act of the inviter makes account, role and first task, by mail or on paper."""
