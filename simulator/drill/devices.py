"""What each component computes on, and what one pod of it asks for."""

from simulator.instruments.telemetry.exporters.dcgm import Device
from simulator.plant import hardware
from simulator.scenario.model import Scenario
from simulator.system.topology.components.llm import Llm


def devices_of(scenario: Scenario) -> dict[str, tuple[Device, int]]:
    """Name the device and how many of them a pod of each model server uses."""
    found = {}
    for name, component in scenario.components.items():
        if isinstance(component, Llm):
            device = Device()
            if isinstance(component.hardware, str):
                gpu = hardware.rows()[component.hardware].gpu
                says_more = component.limits is not None and component.limits.gpu_memory is not None
                device = Device.named(gpu, 0 if says_more else hardware.memory_mib(gpu))
            found[name] = device, component.requests.gpus
    return found


def requests_of(scenario: Scenario) -> dict[str, dict[str, float]]:
    """Say what one pod of each component requests, in cores, bytes and devices."""
    found: dict[str, dict[str, float]] = {}
    for name, component in scenario.components.items():
        asked = component.requests
        amounts = {
            "cpu": asked.cpu / 1000 if asked.cpu is not None else 0.0,
            "memory": float(asked.memory or 0),
            "nvidia_com_gpu": float(asked.gpus),
        }
        found[name] = {resource: amount for resource, amount in amounts.items() if amount}
    return found
