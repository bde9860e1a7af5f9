using FtpActors.Actors.Actions;
using FtpActors.Actors.Deliveries;

namespace FtpActors.Node.Configuration;

/// <summary>Section <c>actions</c>: how this node runs the actions of rules.</summary>
/// <param name="Parallel">Actions that run at once on the node, 1 to 1000. Default 16.</param>
/// <param name="Grace">How long a stop waits for running actions before it ends them. Default 10 s.</param>
/// <param name="KillAfter">Time between SIGTERM and SIGKILL for a program that ran into its timeout. Default 5 s.</param>
/// <param name="ListFolder">Folder of the lists of a session's files while a program runs. Default the system's for temporary files.</param>
internal sealed record ActionsSection(int Parallel, TimeSpan Grace, TimeSpan KillAfter, string ListFolder)
{
    public static ActionsSection Read(Section s)
    {
        var (deliveries, exec) = (new DeliveryOptions { Node = "" }, new ExecOptions());
        var section = new ActionsSection(
            (int)s.Whole("parallel", 16, 1, 1000),
            s.Duration("grace", deliveries.Grace, TimeSpan.Zero, TimeSpan.FromHours(1)),
            s.Duration("kill_after", exec.Grace, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)),
            s.OptionalFilePath("list_folder") ?? exec.ListFolder);
        if (!Directory.Exists(section.ListFolder))
            s.Problem("list_folder", $"{section.ListFolder} is no folder; make it, or name another.");
        s.Done();
        return section;
    }

    /// <summary>What runs programs.</summary>
    public ExecOptions Exec => new() { Grace = KillAfter, ListFolder = ListFolder };

    /// <summary>What makes deliveries on a node of that name.</summary>
    public DeliveryOptions Deliveries(string node) => new() { Node = node, Grace = Grace };
}
