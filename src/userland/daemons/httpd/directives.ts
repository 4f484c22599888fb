/** Directives of nginx 1.27's own modules: where they may stand and how many arguments they take. Source: the ngx_command_t tables of src/core and src/http. */

/** `data`: lines of a types or map block. */
export type Context = 'main' | 'events' | 'http' | 'server' | 'location' | 'data';

interface Rule {
  /** First letters of contexts: m e h s l. */
  readonly contexts: string;
  readonly min: number;
  readonly max: number;
  readonly block: Context | undefined;
  readonly flag: boolean;
  /** Known to nginx, refused here. */
  readonly absent: boolean;
}

const MANY = 255;
type Extra = Partial<Pick<Rule, 'block' | 'flag' | 'absent'>>;
const rows: [string, Rule][] = [];
function rule(names: string, contexts: string, min: number, max = min, extra: Extra = {}): void {
  for (const name of names.split(' ')) rows.push([name, { contexts, min, max, block: undefined, flag: false, absent: false, ...extra }]);
}

// What this lab reads.
rule('include', 'mehsl', 1);
rule('events', 'm', 0, 0, { block: 'events' });
rule('http', 'm', 0, 0, { block: 'http' });
rule('server', 'h', 0, 0, { block: 'server' });
rule('location', 'sl', 1, 2, { block: 'location' });
rule('types', 'hsl', 0, 0, { block: 'data' });
rule('listen', 's', 1, MANY);
rule('server_name', 's', 1, MANY);
rule('root alias default_type', 'hsl', 1);
rule('index', 'hsl', 1, MANY);
rule('try_files', 'sl', 2, MANY);
rule('return', 'sl', 1, 2);
rule('set', 'sl', 2);
rule('add_header', 'hsl', 2, 3);
rule('sub_filter', 'hsl', 2);
rule('sub_filter_types', 'hsl', 1, MANY);
rule('sub_filter_once sub_filter_last_modified', 'hsl', 1, 1, { flag: true });
rule('error_page', 'hsl', 2, MANY);
rule('access_log', 'hsl', 1, MANY);
rule('log_format', 'h', 2, MANY);
rule('keepalive_timeout', 'hsl', 1, 2);
rule('internal', 'l', 0);
rule('server_tokens', 'hsl', 1);
// What changes nothing that can be seen here.
rule('user', 'm', 1, 2);
rule('worker_processes worker_rlimit_nofile worker_shutdown_timeout pid', 'm', 1);
rule('worker_cpu_affinity env load_module', 'm', 1, MANY);
rule('daemon master_process pcre_jit', 'm', 1, 1, { flag: true });
rule('error_log', 'mhsl', 1, MANY);
rule('worker_connections use', 'e', 1);
rule('multi_accept accept_mutex', 'e', 1, 1, { flag: true });
rule('sendfile tcp_nopush tcp_nodelay log_not_found etag gzip gzip_vary server_name_in_redirect port_in_redirect absolute_redirect merge_slashes reset_timedout_connection', 'hsl', 1, 1, { flag: true });
rule('client_max_body_size client_body_timeout client_header_timeout send_timeout keepalive_requests client_body_buffer_size client_header_buffer_size sendfile_max_chunk', 'hsl', 1);
rule('types_hash_max_size types_hash_bucket_size server_names_hash_bucket_size server_names_hash_max_size variables_hash_max_size variables_hash_bucket_size gzip_comp_level gzip_min_length gzip_http_version', 'hsl', 1);
rule('large_client_header_buffers gzip_buffers', 'hsl', 2);
rule('gzip_types gzip_proxied gzip_disable client_body_temp_path proxy_temp_path fastcgi_temp_path uwsgi_temp_path scgi_temp_path', 'hsl', 1, MANY);
rule('charset', 'hsl', 1);
// What nginx knows and this lab does not have.
rule('stream mail', 'm', 0, 0, { block: 'data', absent: true });
rule('upstream map geo split_clients limit_except types_hash if match', 'hsl', 0, MANY, { block: 'data', absent: true });
rule('rewrite proxy_pass fastcgi_pass uwsgi_pass scgi_pass grpc_pass memcached_pass proxy_set_header proxy_http_version proxy_read_timeout proxy_send_timeout proxy_connect_timeout proxy_buffering proxy_redirect stub_status autoindex auth_basic auth_basic_user_file allow deny '
  + 'limit_req limit_req_zone limit_conn limit_conn_zone ssl_certificate ssl_certificate_key ssl_protocols ssl_ciphers http2 expires mirror auth_request resolver real_ip_header set_real_ip_from random_index empty_gif ssi dav_methods break limit_rate', 'hsl', 0, MANY, { absent: true });

export const DIRECTIVES: ReadonlyMap<string, Rule> = new Map(rows);

export const inContext = (r: Rule, context: Context): boolean => r.contexts.includes(context.charAt(0));
