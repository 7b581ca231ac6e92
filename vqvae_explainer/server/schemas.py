"""Schemas of the REST interface that belong to no single operation."""

from typing import Literal

from pydantic import BaseModel, Field

from ..explain.detail import Detail, LevelDetail, ModelSummary


class Health(BaseModel):
    """The server runs and its model has answered."""

    status: Literal["ok"] = Field(description="Always ok.")


class Problem(BaseModel):
    """Why a request failed."""

    code: str = Field(description="Stable identifier of the problem, such as unknown_model.")
    detail: str = Field(description="What was expected, in a sentence.")


class InvalidField(BaseModel):
    """A field of a request that is not valid."""

    type: str = Field(description="Pydantic's identifier of the problem.")
    loc: list[str | int] = Field(description="Path of the field in the request.")
    msg: str = Field(description="What was expected.")


class InvalidRequest(BaseModel):
    """Why a request does not match its schema or its model."""

    code: Literal["invalid"] = Field(description="Always invalid.")
    detail: list[InvalidField] = Field(description="The fields that are not valid.")


class ModelList(BaseModel):
    """All models, and the default."""

    default: str = Field(description="Name of the model that is used when a request names none.")
    models: list[ModelSummary] = Field(description="All models, the default first.")


class ServedLevel(LevelDetail):
    """What the fields of the model say of the main level, of another one."""

    embeddings: list[list[float]] = Field(description="(K, D), its codebook.")


class ModelDetail(Detail):
    """Everything about a model that does not depend on a drawing."""

    embeddings: list[list[float]] = Field(description="(K, D), the codebook.")
    levels: dict[str, ServedLevel] = Field(  # type: ignore[assignment]  # as in Detail, with the codebook
        {}, description='The other levels by their id, if there are: "top" is the coarse one of two.'
    )
