"""Turns a question into the text one model is sent, from the template of its id, its family or the base."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import jinja2
import jinja2.meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from reviewbot import canary, context, passages, replies
from reviewbot.errors import ConfigError, UsageError
from reviewbot.llm import Json, Prompt, Question, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reviewbot.guidance import Guideline
    from reviewbot.lenses import Lens
    from reviewbot.llm import ModelSpec

SUFFIX = ".md.j2"
#: The folder in which a shipped template is found whatever the project has under its name, so that it can be extended.
_SHIPPED = "shipped"

#: What a template may be called, and which variables it may use; those of a text that has none are "".
_NAMES = ("system", *Stage)
_VARIABLES = ("family", "schema", "guidelines", "lens", "focus", "description", "hints", "facts", "claims")

#: The folder of the templates that say what a lens looks for.
_LENSES = "lenses"

# A template is a small program of the project's own: what its expressions can raise.
_TEMPLATE_FAULTS = (
    jinja2.TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)


class Templates:
    """The shipped templates, with a project's own in place of those of the same name.

    For a model and a stage the first of `<model id>/<stage>.md.j2`, `<family>/<stage>.md.j2` and
    `base/<stage>.md.j2` is used; `system.md.j2` is found the same way and serves every stage.
    """

    def __init__(
        self,
        extra: Mapping[str, str] = MappingProxyType({}),
        guidelines: Sequence[Guideline] = (),
        *,
        mark: str = "",
    ) -> None:
        """`extra` is name to source, e.g. {"gpt/vote.md.j2": …}; `mark` is the canary of every system text.

        Raises ConfigError if a template does not compile.
        """
        self._mark = mark
        self.guidelines = tuple(guidelines)
        self.own = frozenset(extra)
        shipped = jinja2.FileSystemLoader(_shipped())
        self._environment = ImmutableSandboxedEnvironment(
            loader=jinja2.ChoiceLoader(
                [jinja2.DictLoader(dict(extra)), shipped, jinja2.PrefixLoader({_SHIPPED: shipped})]
            ),
            undefined=jinja2.StrictUndefined,
            autoescape=False,  # a prompt is not HTML; fences mark what is not ours
            trim_blocks=True,
            lstrip_blocks=True,
        )
        for name in sorted(extra):
            if not name.endswith(SUFFIX):
                raise ConfigError(f"prompt template {name!r} would never be used; end its name in {SUFFIX}")
            try:
                self._environment.get_template(name)
            except _TEMPLATE_FAULTS as error:
                raise ConfigError(f"prompt template {name!r}: {error}") from error
        self._check_names(extra)

    @property
    def names(self) -> tuple[str, ...]:
        """Every template there is, sorted."""
        every = self._environment.list_templates(filter_func=lambda name: name.endswith(SUFFIX))
        return tuple(name for name in every if not name.startswith(f"{_SHIPPED}/"))

    def source(self, name: str) -> str:
        """The text of one template. Raises UsageError if there is none of that name."""
        if name not in self.names or self._environment.loader is None:
            raise UsageError(f"there is no prompt template {name!r}; `reviewbot prompts list` names them")
        return self._environment.loader.get_source(self._environment, name)[0]

    def _check_names(self, extra: Iterable[str]) -> None:
        called = {called for name in extra for called in self._calls(name)}
        for name in sorted(set(extra) - called):
            folder, _, file = name.rpartition("/")
            if folder != _LENSES and (not folder or file.removesuffix(SUFFIX) not in _NAMES):
                raise ConfigError(
                    f"prompt template {name!r} would never be used; it must be FOLDER/STAGE{SUFFIX} with the id or the family "
                    f"of a model, or base, and one of {', '.join(_NAMES)}"
                )

    def check(self, specs: Iterable[ModelSpec], lenses: Iterable[Lens] = ()) -> None:
        """Render all that these models could be told, with and without what may be absent. Raises ConfigError."""
        questions = [Question(stage, ()) for stage in Stage]
        questions += [Question(Stage.REVIEW, (), lens=lens.name, focus=lens.focus) for lens in lenses]
        for spec in specs:
            for question in questions:
                self.prompt(question, spec)
            for what in _NAMES:
                self._render(what, spec, **dict.fromkeys(_VARIABLES, "x"))

    def used(self, spec: ModelSpec) -> tuple[str, ...]:
        """The templates that this model's prompts are made of, those that they extend among them."""
        return self._chain(self._template(what, spec).name for what in _NAMES)

    def _chain(self, names: Iterable[str | None]) -> tuple[str, ...]:
        """These templates and, level by level, all that they are made of."""
        found: dict[str, None] = {}
        waiting = [name for name in names if name is not None]
        while waiting:
            found |= dict.fromkeys(waiting)
            waiting = [name for each in waiting for name in self._calls(each) if name not in found]
        return tuple(found)

    def _calls(self, name: str) -> list[str]:
        """The templates that this one extends, includes or imports, as far as it names them."""
        named = jinja2.meta.find_referenced_templates(self._environment.parse(self.source(name)))
        return [each for each in named if each is not None and each in self.names]

    def prompt(self, question: Question, spec: ModelSpec) -> Prompt:
        """The question as this model is to read it. Raises ConfigError naming the template that fails."""
        return Prompt(
            question=question,
            system=self._system(spec),
            prefix=context.files(question.subjects, question.stage),
            task=f"Task: {question.stage}\n\n{self._task(question, spec)}{passages.repair(question.error)}\n",
            canary=self._mark,
        )

    def _system(self, spec: ModelSpec) -> str:
        # Where nobody enforces the schema it has to be told, and DeepSeek wants the word JSON in the prompt.
        schema = "" if spec.json is Json.SCHEMA else replies.described()
        general = [rule for rule in self.guidelines if not rule.match]
        text = self._render(
            "system", spec, family=spec.family, schema=schema, guidelines=passages.rules(general)
        )
        if schema not in text:
            raise ConfigError(
                f"prompt template {self._name('system', spec)!r} shows no schema, which {spec.name} has to be told; "
                "put {{ schema }} in it"
            )
        return f"{text}\n\n{canary.warning(self._mark)}" if self._mark else text

    def _task(self, question: Question, spec: ModelSpec) -> str:
        review, vote = question.stage is Stage.REVIEW, question.stage is Stage.VOTE
        needed = {
            "claims": passages.claims(question.claims) if vote else "",
            "focus": self._focus(question, spec) if review else "",
        }
        text = self._render(
            question.stage,
            spec,
            family=spec.family,
            description=passages.description(question) if review else "",
            hints=passages.hints(question.hints) if review else "",
            facts=passages.facts(question.facts) if review else "",
            guidelines=passages.rules(self._special(question)) if review or vote else "",
            lens=question.lens if review else "",
            **needed,
        )
        for name, value in needed.items():
            if value not in text:
                raise ConfigError(
                    f"prompt template {self._name(question.stage, spec)!r} shows no {name}; put {{{{ {name} }}}} in it"
                )
        return text

    def check_lenses(self, lenses: Iterable[Lens]) -> None:
        """Raises ConfigError for one that says nowhere what to look for."""
        for lens in lenses:
            if not lens.focus and f"{_LENSES}/{lens.name}{SUFFIX}" not in self.names:
                known = [
                    name[len(_LENSES) + 1 : -len(SUFFIX)]
                    for name in self.names
                    if name.startswith(f"{_LENSES}/")
                ]
                raise ConfigError(
                    f"lenses: nothing says what {lens.name!r} looks for; give it focus, or take one of {', '.join(known)}"
                )

    def _focus(self, question: Question, spec: ModelSpec) -> str:
        """What the lens of a question looks for; "" without one."""
        if question.focus or not question.lens:
            return passages.marked(question.focus)
        name = f"{_LENSES}/{question.lens}{SUFFIX}"
        try:
            return self._environment.get_template(name).render(family=spec.family).strip()
        except _TEMPLATE_FAULTS as error:
            raise ConfigError(f"prompt template {name!r}: {error}") from error

    def _special(self, question: Question) -> list[Guideline]:
        """What is said of some files only; of all of them it is said in the system text, which never changes."""
        files = [subject.file for subject in question.subjects]
        return [rule for rule in self.guidelines if rule.match and rule.concerns(files)]

    def _render(self, what: str, spec: ModelSpec, **values: str) -> str:
        try:
            return self._template(what, spec).render(values).strip()
        except _TEMPLATE_FAULTS as error:
            raise ConfigError(f"prompt template {self._name(what, spec)!r}: {error}") from error

    def _template(self, what: str, spec: ModelSpec) -> jinja2.Template:
        return self._environment.select_template(
            [f"{folder}/{what}{SUFFIX}" for folder in (spec.id, spec.family, "base")]
        )

    def _name(self, what: str, spec: ModelSpec) -> str:
        """The template to put right: of those a text is made of the project's own, where there is one."""
        try:
            name = self._template(what, spec).name or what
        except jinja2.TemplateSyntaxError as error:
            return error.name or what
        return next((each for each in self._chain([name]) if each in self.own), name)


def _shipped() -> Path:
    # In the wheel the templates lie beside this module, in the source tree at its top.
    packaged = Path(__file__).parent / "prompts_data"
    return packaged if packaged.is_dir() else Path(__file__).parents[1] / "prompts"
