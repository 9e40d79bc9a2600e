"""Tests of many signals at once while the web workers are killed."""
