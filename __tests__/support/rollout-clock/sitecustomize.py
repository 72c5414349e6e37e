"""A clock for rollouts in tests, which Python loads by itself from PYTHONPATH: whoever sleeps is ahead at once.

ROLLOUT_SEEN names a file that gets a line for each sleep: the second, and each alias with its versions. ROLLOUT_ALARM
(`120 name`) sets an alarm off at a second.
"""

import os
import time

seconds = 0


def sleep(duration):
    global seconds
    import boto3

    seconds += int(duration)
    at, _, alarm = os.environ.get("ROLLOUT_ALARM", "").partition(" ")
    if at and seconds >= int(at):
        state = {"AlarmName": alarm, "StateValue": "ALARM", "StateReason": "test"}
        boto3.client("cloudwatch").set_alarm_state(**state)
    client = boto3.client("lambda")
    aliases = [
        alias
        for function in client.list_functions()["Functions"]
        for alias in client.list_aliases(FunctionName=function["FunctionName"])["Aliases"]
    ]
    told = sorted({f"{alias['FunctionVersion']} {alias.get('RoutingConfig', {}).get('AdditionalVersionWeights', {})}" for alias in aliases})
    with open(os.environ["ROLLOUT_SEEN"], "a") as seen:
        seen.write(f"{seconds} {' | '.join(told)}\n")


if "ROLLOUT_SEEN" in os.environ:
    time.sleep = sleep
