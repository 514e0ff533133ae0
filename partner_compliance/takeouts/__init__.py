"""The take-out ledger (持ち出し管理台帳): ask, permit, take, return, at the moment of the act."""
