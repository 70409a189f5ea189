"""What a command with commands of its own does when it is called without one."""

import click

WRONG_USAGE = 64
"""Exit code: the words of the command are off."""

CHANGES = 2
"""Exit code of ``plan``: there are changes, and they can be applied."""


class Group(click.Group):
    """Without any word shows its help, as for every wrong usage on standard error."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The words that are left for the command that is named."""
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help(), err=True)
            ctx.exit(WRONG_USAGE)
        return super().parse_args(ctx, args)
