"""MR fingerprinting: T1, T2 and ADC of every voxel from one series of read-outs.

sequence ─ epg ─▶ signals ─ dictionary | network ─▶ maps ─ scores ─▶ table, figure, NIfTI
"""
