"""How many connections a caller keeps to what it calls: `pool: {max: 20, timeout: 1s}`."""

from pydantic import Field

from simulator.plant.spec_parts import ConnectionPool as PlantPool
from simulator.system.topology._model import Model, Positive
from simulator.units import Duration


class ConnectionPool(Model):
    """Connections that each calling replica keeps to each replica it calls."""

    max: Positive = Field(
        description="connections at most; further calls wait for one", examples=[20]
    )
    # HikariCP's connectionTimeout (README of brettwooldridge/HikariCP).
    timeout: Duration = Field(
        "30s",
        validate_default=True,
        description="longest wait for a connection; then the call fails",
        examples=["1s"],
        gt=0,
    )

    def pool_spec(self) -> PlantPool:
        """Say it in the plant's terms."""
        return PlantPool(self.max, self.timeout)
