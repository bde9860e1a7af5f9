namespace FtpActors.Node.Http;

/// <summary>
/// The objects of the API, name by name and in their order, as the OpenAPI document has them. A type is <c>string integer number boolean time any map</c> or another shape;
/// <c>?</c> behind it: may be null; <c>[]</c>: a list; <c>?</c> behind the name: may be missing.
/// </summary>
internal static class Shapes
{
    public static IReadOnlyDictionary<string, string> All { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["Session"] = """
            id:string host:string service:string session:string? user:string email:string? remote_host:string local:string? opened_at:time closed_at:time? began:string
            ended:string? state:string certainty:string path:string? bytes_now:integer bytes_total:integer? restart_at:integer? transfer_started_at:time? rate:number
            uploads:integer downloads:integer bytes_up:integer bytes_down:integer failures:integer deletes:integer mkdirs:integer renames:integer other:integer last_at:time
            """,
        ["SessionCount"] = "by:string name:string sessions:integer uploading:integer downloading:integer",
        ["Event"] = """
            spool:string seq:integer received_at:time kind:string time:time? host:string service:string source:string session:string? user:string email:string?
            remote_host:string path:string? path_to:string? bytes:integer? seconds:number? status:string flags:string[] type?:string extra?:string[] fingerprint?:string path_from?:string
            """,
        ["FileOperation"] = """
            spool:string seq:integer session:string? received_at:time started_at:time? kind:string status:string host:string service:string source:string user:string
            remote_host:string path:string path_to:string? path_from:string? bytes:integer? seconds:number? flags:string[]
            """,
        ["DeliveryCounts"] = "due:integer done:integer dead:integer dropped:integer",
        ["Delivery"] = """
            id:integer key:string rule:string trigger:string state:string shard:integer session:string? ordered:boolean on_host:string? replay:string? host:string? user:string?
            path:string? step:integer attempt:integer created_at:time due_at:time finished_at:time? outcome:string?
            """,
        ["WholeDelivery"] = """
            id:integer key:string rule:string trigger:string state:string shard:integer session:string? ordered:boolean on_host:string? replay:string? host:string? user:string?
            path:string? step:integer attempt:integer created_at:time due_at:time finished_at:time? outcome:string? facts:any tries:Try[]
            """,
        ["Try"] = """
            number:integer step:integer node:string started_at:time ended_at:time succeeded:boolean code:integer? summary:string first_output:string? last_output:string?
            """,
        ["Retried"] = "retried:integer",
        ["Dropped"] = "dropped:integer",
        ["Rule"] = """
            rule:string on?:string[] conditions?:string[] where?:string order?:string parallel?:integer actions?:string[] attempts?:integer first?:string max?:string
            on_failure?:string[] in_force:boolean deliveries:DeliveryCounts
            """,
        ["RuleTest"] = """
            line:string read?:integer seconds?:number rate?:number stored?:integer rule?:string matches?:integer examples?:RuleExample[] rules?:integer
            """,
        ["RuleExample"] = "at:time trigger:string id:string user:string? path:string?",
        ["Replay"] = """
            id:string state:string created_at:time since:time until:time kind:string? user:string? path:string? rule:string? dry_run:boolean read:integer total:integer
            matched:integer made:integer rate:number remaining_seconds:number? rules:map missing_rules:string[] problem:string?
            """,
        ["Quarantined"] = "id:integer received_at:time source:string sender:string? reason:string size:integer",
        ["WholeQuarantined"] = "id:integer received_at:time source:string sender:string? reason:string size:integer text:string base64:string",
        ["Released"] = "id:integer released:string event:any",
        ["Restarted"] = "source:string seq:integer",
        ["Rebuilt"] = "events:integer sessions:integer missing:integer extra:integer different:integer applied:boolean first:Difference[]",
        ["Difference"] = "id:string kind:string fields:FieldDifference[]",
        ["FieldDifference"] = "field:string stored:string? events:string?",
        ["Status"] = """
            node:string version:string ready:boolean started_at:time uptime_seconds:number configuration:string spool:string? shards:integer journal_trouble:string?
            cluster_trouble:string? forwarder:Forwarder? events:integer? waiting:integer? open_sessions:integer? duplicates:integer? reordered:integer? damaged_rows:integer? history_damaged:integer? history_put_aside:integer? history_checked:boolean?
            rules:integer users:integer user_problems:string[] deliveries:DeliveryCounts? sources:Source[]
            """,
        ["LiveChange"] = "all:boolean put:Session[] gone:string[]",
        ["Me"] = "name:string role:string node:string cluster:boolean",
        ["RecentPoint"] = "at:time events_per_second:number lag_seconds:number open_sessions:integer waiting:integer",
        ["Forwarder"] = "state:string trouble:string? shipped:integer backlog:integer? oldest_waiting:time? last_error:string? last_error_at:time?",
        ["Source"] = """
            name:string kind:string state:string trouble:string? warnings:string[] messages:integer quarantined:integer dropped:integer refused:integer depth:integer?
            """,
        ["Backlog"] = """
            shard:integer owner:string spool:string row:integer position:integer head:integer waiting:integer oldest_waiting:time? duplicates:integer reordered:integer
            """,
        ["Cluster"] = "node:string healthy:boolean shards:integer problems:string[] members:Member[]",
        ["Member"] = """
            name:string roles:string[] address:string uid:integer status:string reachable:boolean self:boolean leader:boolean shards:integer[]
            """,
        ["OrderedMember"] = "name:string roles:string[] address:string uid:integer status:string reachable:boolean self:boolean",
        ["ClusterOrder"] = "order:string members:OrderedMember[]",
        ["Shard"] = "shard:integer owner:string?",
        ["Authd"] = """
            socket:string scoreboard:string fail:string answer_ms:number lease_seconds:number check:boolean limits:AuthdLimit[] held:integer users:AuthdUser[] answers:map
            latency_p50_ms:number? latency_p99_ms:number? trouble:string?
            """,
        ["AuthdLimit"] = "user:string max:number? max_per_host:number? max_per_address:number?",
        ["AuthdUser"] = "user:string sessions:integer reserved:integer hosts:integer max:number? max_per_host:number? max_per_address:number?",
        ["Slot"] = "slot:integer user:string host:string remote_host:string session:string? reserved_at:time expires_at:time",
        ["Problem"] = "title:string status:integer detail:string",
    };
}
