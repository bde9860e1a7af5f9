using System.CommandLine;
using System.CommandLine.Parsing;

namespace FtpActors.Node.Commands;

/// <summary>
/// The values of a command line while they are checked together. The parser checks before it puts the defaults of options that were left out in force,
/// and answers with zero until then; here a value is what the command will get.
/// </summary>
internal sealed class CheckedValues(CommandResult result)
{
    /// <summary>The parser has found something already.</summary>
    public bool HasErrors => result.Errors.Any();

    public T? GetValue<T>(Option<T> option) =>
        result.GetResult(option) is { } given ? given.GetValueOrDefault<T>() : option.HasDefaultValue ? (T?)option.GetDefaultValue() : default;

    public T? GetValue<T>(Argument<T> argument) =>
        result.GetResult(argument) is { } given ? given.GetValueOrDefault<T>() : argument.HasDefaultValue ? (T?)argument.GetDefaultValue() : default;

    /// <summary>Whether the option stands on the command line.</summary>
    public bool IsGiven(Option option) => result.GetResult(option) is { Implicit: false };

    public void AddError(string message) => result.AddError(message);
}
