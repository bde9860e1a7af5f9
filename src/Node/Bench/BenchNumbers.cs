using System.CommandLine;
using System.Globalization;
using FtpActors.Node.Commands;

namespace FtpActors.Node.Bench;

/// <summary>The numbers that a benchmark is asked for.</summary>
internal static class BenchNumbers
{
    /// <exception cref="CommandException">One is not from 1 to <paramref name="most"/>; the message names it.</exception>
    public static void Require(ParseResult parsed, int most, params ReadOnlySpan<Option<int>> options)
    {
        foreach (var option in options)
        {
            var value = parsed.GetValue(option);
            if (value < 1 || value > most)
                throw new CommandException(ExitCodes.Usage, string.Create(CultureInfo.InvariantCulture, $"{option.Name} must be from 1 to {most}."));
        }
    }
}
