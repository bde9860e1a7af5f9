using System.Data.Common;
using FtpActors.Node.Hosting;
using FtpActors.Protocol;

namespace FtpActors.Node.Http;

/// <summary>Errors as problem details (RFC 9457).</summary>
internal static class Problems
{
    /// <summary>Writes one; only the beginning of an answer can become one.</summary>
    public static async Task WriteAsync(HttpContext http, int status, string detail)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/problem+json";
        await using var json = EventJson.NewWriter(http.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("title", Title(status));
        json.WriteNumber("status", status);
        json.WriteString("detail", detail);
        json.WriteEndObject();
    }

    /// <summary>Turns what a request may fail with into an answer.</summary>
    public static async Task GuardAsync(HttpContext http, RequestDelegate next, ILogger log)
    {
        try
        {
            await next(http);
            if (http.Response is { StatusCode: StatusCodes.Status404NotFound, HasStarted: false, ContentType: null })
                await WriteAsync(http, StatusCodes.Status404NotFound, $"There is nothing at {http.Request.Path}.");
            else if (http.Response is { StatusCode: StatusCodes.Status405MethodNotAllowed, HasStarted: false })
                await WriteAsync(http, StatusCodes.Status405MethodNotAllowed, $"{http.Request.Path} does not take {http.Request.Method}.");
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client is gone: nobody is left to tell.
        }
        catch (BadQueryException e) when (!http.Response.HasStarted)
        {
            await WriteAsync(http, StatusCodes.Status400BadRequest, e.Message);
        }
        catch (BadHttpRequestException e) when (!http.Response.HasStarted)
        {
            await WriteAsync(http, e.StatusCode, e.Message);
        }
        catch (NoSpoolException e) when (!http.Response.HasStarted)
        {
            await WriteAsync(http, StatusCodes.Status409Conflict, e.Message);
        }
        catch (Exception e) when (e is JournalException or DbException && !http.Response.HasStarted)
        {
            await WriteAsync(http, StatusCodes.Status503ServiceUnavailable, e.Message);
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            log.RequestFailed(e, http.Request.Method, http.Request.Path);
            await WriteAsync(http, StatusCodes.Status500InternalServerError, "An error of the node; its log has the details.");
        }
        catch (Exception e)
        {
            log.RequestFailed(e, http.Request.Method, http.Request.Path);
            // Cutting the connection is the only way left to say that the answer is not whole.
            http.Abort();
        }
    }

    private static string Title(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "Bad request",
        StatusCodes.Status401Unauthorized => "Unauthorized",
        StatusCodes.Status403Forbidden => "Forbidden",
        StatusCodes.Status404NotFound => "Not found",
        StatusCodes.Status405MethodNotAllowed => "Method not allowed",
        StatusCodes.Status409Conflict => "Conflict",
        StatusCodes.Status422UnprocessableEntity => "Cannot be decoded",
        StatusCodes.Status413PayloadTooLarge => "Too large",
        StatusCodes.Status429TooManyRequests => "Too many requests",
        StatusCodes.Status503ServiceUnavailable => "Journal not available",
        _ => "Error",
    };
}
