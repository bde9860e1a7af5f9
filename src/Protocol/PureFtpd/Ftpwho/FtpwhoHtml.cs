using System.Globalization;

namespace FtpActors.Protocol.PureFtpd;

/// <summary>
/// <c>pure-ftpwho -w</c>: a page with a table, whose id, columns and cells are the original's. It is HTML that is well-formed XML, too, without a DTD that a reader
/// might fetch; an empty cell is a no-break space.
/// </summary>
internal static class FtpwhoHtml
{
    public const string Head = """
        <!DOCTYPE html>
        <html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
        <head>
         <meta charset="UTF-8" />
         <title>FTP server status</title>
         <style type="text/css">
        html {
         background-color: #369;
        }
        body {
         background-color: #fff;
         color: #000;
         margin: 12px;
         padding: 8px;
         border: 2px solid #000;
         font-family: "Trebuchet MS",Verdana,Geneva,Arial,Helvetica,sans-serif;
         font-size: 0.8em;
        }
        h1 {
         text-align: center;
         border-bottom: 1px solid #666;
         margin: 0.5em 1em;
        }
        #ftp-status {
         text-align: center;
        }
        table {
         margin: 0 auto;
        }
        thead th {
         background-color: #369;
         color: #fff;
        }
        th,td {
         padding: 0.1em 0.5em;
        }
        tr:hover {
         background-color: #def;
        }
         </style>
        </head>
        <body>
        <h1>FTP server status</h1>
        <div id="ftp-status">
         <table summary="FTP server status">
          <thead>
           <tr>
            <th scope="col">PID</th>
            <th scope="col">Account</th>
            <th scope="col">Time</th>
            <th scope="col">State</th>
            <th scope="col" abbr="File">File name</th>
            <th scope="col" abbr="Peer">Remote host</th>
            <th scope="col" abbr="Kb">Kbytes</th>
            <th scope="col" abbr="Local">Local host</th>
           </tr>
          </thead>
          <tbody>

        """;

    public const string Foot = """
          </tbody>
         </table>
        </div>
        </body>
        </html>

        """;

    private const string Empty = "&#160;";

    public static string Row(FtpwhoRow r) => string.Create(CultureInfo.InvariantCulture,
        $"""
           <tr>
            <th scope="row">{r.Pid}</th>
            <td>{Cell(r.Account)}</td>
            <td>{r.HoursAndMinutes}</td>
            <td>{r.StateWord}</td>
            <td>{Cell(r.File)}</td>
            <td>{Cell(r.Peer)}</td>
            <td>{Size(r)}</td>
            <td>{FtpwhoMarkup.Of(r.LocalHost)}:{r.LocalPort}</td>
           </tr>

        """);

    private static string Cell(string name) => name.Length == 0 ? Empty : FtpwhoMarkup.Of(name);

    private static string Size(FtpwhoRow r) =>
        r.CurrentSize <= 0 ? Empty
        : r.TotalSize > 0 ? string.Create(CultureInfo.InvariantCulture, $"{r.CurrentSize / 1024}/{r.TotalSize / 1024} ({r.Percent}% - {r.BytesPerSecond / 1024} KB/s)")
        : string.Create(CultureInfo.InvariantCulture, $"{r.CurrentSize / 1024} ({r.BytesPerSecond / 1024} KB/s)");
}
